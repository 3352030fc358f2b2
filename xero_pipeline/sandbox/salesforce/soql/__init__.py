"""SOQL: text -> tokens -> tree -> bound to the schema -> rows. What is not understood is refused, never guessed."""
