"""How a Flowship is: one report for the command line, the inner port and admins, whoever makes it."""
