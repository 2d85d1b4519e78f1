"""The verbs of the command line, a file for each kind of work. Heavy imports happen inside, so that help is quick."""
