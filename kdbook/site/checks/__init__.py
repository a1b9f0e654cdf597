"""What a build refuses, because the pages it makes would lead nowhere."""
