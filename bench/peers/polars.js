// polars.js - computes mean, minimum and maximum of every column of CSV files with Polars
//
// Usage   POLARS_MAX_THREADS=N node polars.js QUERY GLOB
// QUERY
//   extremes  mean, min, max of every column, lazily, as one query that includes reading
//   messy     the same for the cells that are numbers. All columns are read as text first, because
//             Polars reports an error for the mean of a column that it detects as text
'use strict';
const pl = require('nodejs-polars').default ?? require('nodejs-polars');

const [query, glob] = process.argv.slice(2);
const isMessy = query === 'messy';
const columns = isMessy ? pl.col('*').cast(pl.Float64, false) : pl.col('*');
const result = pl.scanCSV(glob, isMessy ? { inferSchemaLength: 0 } : {})
	.select(columns.mean().suffix('_mean'), columns.min().suffix('_min'),
		columns.max().suffix('_max'))
	.collectSync();
console.log(result.rows().map((row) => row.join('\t')).join('\n'));
