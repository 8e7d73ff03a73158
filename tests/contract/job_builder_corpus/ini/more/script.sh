echo found
