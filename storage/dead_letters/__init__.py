"""The table `dead_letters`: what is written, read, decided and replayed. Every query takes the caller's connection and transaction."""
