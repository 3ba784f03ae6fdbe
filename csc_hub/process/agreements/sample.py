"""The placeholders a council begins with. They say what to write, and cannot be published as they are."""

from csc_hub.process.agreements.rules import Document

MARK = "[REPLACE THIS TEXT]"
BODIES = {
    Document.AGREEMENT: f"""{MARK}

This is a placeholder and not an agreement. Put the agreement here that your council and its partners have approved, and take legal advice on it.

## Why information is shared

{MARK} Say what the meetings are for, and which law lets you share information for it.

## What is shared, and what is not

{MARK} Say what is shared about a place or group. Say that no young person is named.

## How it is kept

{MARK} Say how papers and notes are kept, for how long, and how they are destroyed.

## When something goes wrong

{MARK} Say whom to tell, and how soon.
""",
    Document.TERMS: f"""{MARK}

This is a placeholder and not terms of reference. Put the terms here that your partnership has agreed.

## What the meeting is for

{MARK}

## Who comes, and what is expected of them

{MARK}

## How decisions are made and recorded

{MARK}
""",
}
