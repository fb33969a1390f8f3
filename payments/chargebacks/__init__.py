"""What buyers' banks ask back."""
