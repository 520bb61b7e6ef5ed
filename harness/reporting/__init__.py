"""Drawings of architectures and progress, which a report needs beside the results."""
