package redline

// Lineage returns for each paragraph of the text that r gives the index, from
// 0, of the base paragraph that it continues, or -1 if it is new. No paragraph
// of the base is continued twice: of the parts of a split, and of the
// paragraphs of a join, it is the first that keeps at least half as much as the
// one that keeps most. It takes time in the size of r, which must be one that
// [Parse] or [Compare] returned.
func (r Redline) Lineage() []int {
	from := []int{}
	for _, s := range r {
		switch s.Kind {
		case Keep:
			for i := s.From; i < s.To; i++ {
				from = append(from, i)
			}
		case Insert:
			from = append(from, none)
		case Delete:
		case Split:
			_, main := s.main()
			for i := range s.Gives() {
				if i == main {
					from = append(from, s.From)
				} else {
					from = append(from, none)
				}
			}
		default:
			main, _ := s.main()
			from = append(from, s.From+main)
		}
	}
	return from
}
