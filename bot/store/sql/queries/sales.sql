-- name: movement_fetched
SELECT created_at AS at FROM movement WHERE purchase_id = :id AND event = 'fetched' ORDER BY id DESC LIMIT 3;
