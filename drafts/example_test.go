package drafts

import (
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
)

// The form of an acts message, with one act that brings one small file. (Receive
// would refuse it: nobody signed it.)
func Example_message() {
	blob := object{plumbing.BlobObject, []byte("hello")}
	id, err := blob.id()
	if err != nil {
		fmt.Println(err)
		return
	}
	tree := object{plumbing.TreeObject, encodeTree([]treeEntry{{name: "note.md", id: id}})}
	message := parcel{chain: "record/XBO", from: 4, acts: [][]object{{
		{plumbing.CommitObject, []byte("tree …")}, tree, blob,
	}}}.format()
	fmt.Printf("%q\n", message)
	_, err = parseParcel(message)
	fmt.Println(err)
	// Output:
	// "concord-acts 1\nrecord/XBO 4 1\ncommit 8\ntree …\ntree 35\n100644 note.md\x00\xb6\xfcLb\vg\xd9_\x95:\\\x1c\x120\xaa\xab]\xb5\xa1\xb0\nblob 5\nhello\n"
	// <nil>
}
