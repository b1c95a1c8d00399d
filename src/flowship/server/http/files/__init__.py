"""Files of runs on their way between clients and stores."""
