"""Payment providers: what each must do, and the client of the sandbox that does what bad ones do."""
