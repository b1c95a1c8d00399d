"""The language of rules: conditions on values and on lists, and a rule with its sentence."""
