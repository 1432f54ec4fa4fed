@echo off
rem `homeport` of the packaged application: see the script of the other systems, build/command-line/homeport.
"%~dp0..\command-line\node.exe" "%~dp0..\command-line\out\main\cli.js" %*
exit /b %ERRORLEVEL%
