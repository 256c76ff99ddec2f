"""The bounded contexts as Faust apps: `faust -A bookstream.apps.book worker -l info` runs a worker of one."""
