"""A store on another machine, over SFTP."""
