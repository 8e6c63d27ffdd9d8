"""The only room that talks to phones: the adb server, a phone, verified push, detached jobs, deadlines."""
