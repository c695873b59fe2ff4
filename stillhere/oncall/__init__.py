"""What on-call staff rely on: is the night fine, what to do next, who is told, and the ping whose absence alarms."""
