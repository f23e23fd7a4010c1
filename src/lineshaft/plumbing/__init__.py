"""What three or more apps need and that holds no domain noun."""
