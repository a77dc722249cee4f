package drafts

// A tapped disk is the system's with something before each step. An error from there
// is what the step comes to.
type tapped struct {
	disk
	before func(step, name string) error
}

func (d tapped) Create(name string) (file, error) {
	if err := d.before("create", name); err != nil {
		return nil, err
	}
	f, err := d.disk.Create(name)
	return tappedFile{f, d.before}, err
}

func (d tapped) Mkdir(name string) error {
	if err := d.before("mkdir", name); err != nil {
		return err
	}
	return d.disk.Mkdir(name)
}

func (d tapped) Rename(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	return d.disk.Rename(from, to)
}

func (d tapped) Sync(files []file, dirs []string) error {
	for _, f := range files {
		if err := d.before("sync file", f.Name()); err != nil {
			return err
		}
	}
	for _, dir := range dirs {
		if err := d.before("sync directory", dir); err != nil {
			return err
		}
	}
	return d.disk.Sync(files, dirs)
}

type tappedFile struct {
	file
	before func(step, name string) error
}

func (f tappedFile) Write(content []byte) (int, error) {
	if err := f.before("write", f.Name()); err != nil {
		n, _ := f.file.Write(content[:len(content)/2])
		return n, err
	}
	return f.file.Write(content)
}
