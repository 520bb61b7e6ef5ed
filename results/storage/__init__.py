"""The record of a trial, and the results folder that holds trials."""
