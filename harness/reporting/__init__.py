"""What a report needs beside the results: architectures drawn, and progress shown."""
