"""What readers may see: accession into the library, publication, page order, and the values pages are made of."""
