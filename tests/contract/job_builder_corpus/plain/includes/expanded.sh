echo {what} {{braces}}
