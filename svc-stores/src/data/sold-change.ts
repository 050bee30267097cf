/**
 * The SQL of how much more was sold after an entry. Those from before 2026-12-01 do not say so: there it follows from the reason,
 * and what came back through ReturnStock has the id of the return for its actor, not that of a user.
 */
export const SOLD_CHANGE = `COALESCE(sold_change,
  IF(reason = 'sold' OR (reason = 'returned' AND LEFT(actor, 4) <> 'usr_'), -on_hand_change, 0))`;
