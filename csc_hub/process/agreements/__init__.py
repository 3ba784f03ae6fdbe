"""The information sharing agreement: its texts, who must sign, signatures and their evidence, and who is covered until when."""
