"""What we know: the one DynamoDB table, its keys, its records and its access patterns.

Nothing outside this folder spells a key, sees a DynamoDB attribute value or catches a DynamoDB error.
Nothing inside decides what a failure is, whether a redrive is safe, or how a page looks.
"""
