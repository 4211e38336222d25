-- name: ManualRates :many
-- The manual rates that are believed, past and scheduled ones included, newest
-- beginning first; beside each the list price of its key (now for a rate in
-- force, else as the rate begins), and what the newest event that told of the
-- rate's beginning says of who entered it and why.
SELECT m.provider, m.id AS model, k.tier, k.meter, k.region, k.min_prompt_tokens,
       r.id, r.amount, r.unit, r.currency, r.origin, r.basis,
       lower(r.effective)::timestamptz AS effective_from, upper(r.effective)::timestamptz AS effective_to, r.known_from,
       l.amount AS list_amount,
       coalesce(e.payload ->> 'by', '')::text AS entered_by, coalesce(e.payload ->> 'reason', '')::text AS reason
FROM rate_keys k
JOIN rates r ON r.key = k.number
JOIN models m ON m.number = k.model
LEFT JOIN rate_keys lk ON lk.layer = 'list'
    AND (lk.model, lk.tier, lk.meter, lk.region, lk.min_prompt_tokens) = (k.model, k.tier, k.meter, k.region, k.min_prompt_tokens)
LEFT JOIN rates l ON l.key = lk.number
    AND l.effective @> CASE WHEN r.effective @> @at::timestamptz THEN @at::timestamptz ELSE lower(r.effective) END
LEFT JOIN LATERAL (
    SELECT v.payload
    FROM events v
    WHERE v.provider = m.provider AND v.model = m.id
      -- In this order: payloads of other events have other fields, or other things in them.
      AND CASE WHEN v.payload ->> 'layer' = 'manual' AND v.payload ->> 'by' IS NOT NULL
               THEN ((v.payload ->> 'tier'), (v.payload ->> 'meter'), (v.payload ->> 'region'), (v.payload ->> 'minPromptTokens')::bigint,
                     (v.payload ->> 'new')::numeric, (v.payload ->> 'effective')::timestamptz)
                   = (k.tier, k.meter, k.region, k.min_prompt_tokens, r.amount, lower(r.effective))
               ELSE false END
    ORDER BY v.id DESC
    LIMIT 1
) e ON true
WHERE k.layer = 'manual'
ORDER BY lower(r.effective) DESC, r.id DESC;
