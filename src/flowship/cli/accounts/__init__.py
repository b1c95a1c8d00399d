"""The commands about users, and those of people who use a server: who may sign in, and what each may do."""
