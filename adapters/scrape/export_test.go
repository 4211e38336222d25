package scrape

// OpenPage lets tests look up many places of one page.
var OpenPage = openPage

// Around gives what stands around a place of an opened page.
var Around = (*openedPage).around
