"""What a command line needs: options, errors, progress, numbers in print."""
