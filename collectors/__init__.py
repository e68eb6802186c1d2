"""What happened: raw AWS shapes become records. Reading is pure; what fetches is named for what it fetches.

Bytes → events (`payloads`) → lines (`recognise`) → invocations, inits, metrics (`invocations`) → error groups
(`fingerprints`). Nothing here raises on bad input: what cannot be read becomes a record that says so.
"""
