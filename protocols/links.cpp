namespace penrig {}
