"""What the admin's start page tells: what needs somebody now, how calls went, what nobody uses."""
