package drafts

import (
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
)

// writePack writes a pack of objects (gitformat-pack), each whole, and holds one of them
// at a time.
func writePack(ctx context.Context, w io.Writer, from source, ids []plumbing.Hash) error {
	sum := sha1.New()
	out := io.MultiWriter(w, sum)
	head := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(ids)))
	if _, err := out.Write(head); err != nil {
		return fmt.Errorf("pack: writing: %w", err)
	}
	z, err := zlib.NewWriterLevel(out, zlib.BestSpeed)
	if err != nil {
		return fmt.Errorf("pack: writing: %w", err)
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, err := from.object(id)
		if err != nil {
			return err
		}
		if _, err := out.Write(entryHead(o)); err != nil {
			return fmt.Errorf("pack: writing: %w", err)
		}
		z.Reset(out)
		if _, err := z.Write(o.body); err != nil {
			return fmt.Errorf("pack: writing: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("pack: writing: %w", err)
		}
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("pack: writing: %w", err)
	}
	return nil
}

// entryHead returns what stands before a whole object in a pack: its type and size.
func entryHead(o object) []byte {
	size := len(o.body)
	head := []byte{byte(o.kind)<<4 | byte(size&0x0f)}
	for size >>= 4; size > 0; size >>= 7 {
		head[len(head)-1] |= 0x80
		head = append(head, byte(size&0x7f))
	}
	return head
}
