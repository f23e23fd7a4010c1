-- step: institute_traits
-- row: one institute, with the state in which it sits and its technology areas in the order of their keys
-- needs: institutes, institute_areas
SELECT
    i.institute,
    coalesce(i.state, '') AS state,
    coalesce(string_agg(a.area, ' ' ORDER BY a.area), '') AS technology_areas
FROM institutes AS i
LEFT JOIN institute_areas AS a ON i.institute = a.institute
GROUP BY i.institute, i.state
