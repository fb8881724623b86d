"""What leaves the building: GeoJSON, account files, the scorecard."""
