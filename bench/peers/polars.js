// polars.js - asks Polars for mean, minimum and maximum of every column of CSV files
//
// Usage   POLARS_MAX_THREADS=N node polars.js QUESTION GLOB
// QUESTION
//   extremes  mean, min, max of every column, lazily: Polars plans reading and counting as one query
//   messy     the same of what can be read as a number in every column, all read as text first:
//             the mean of a column that Polars found to be text is an error
'use strict';
const pl = require('nodejs-polars').default ?? require('nodejs-polars');

const [question, glob] = process.argv.slice(2);
const isMessy = question === 'messy';
const every = isMessy ? pl.col('*').cast(pl.Float64, false) : pl.col('*');
const found = pl.scanCSV(glob, isMessy ? { inferSchemaLength: 0 } : {})
	.select(every.mean().suffix('_mean'), every.min().suffix('_min'), every.max().suffix('_max'))
	.collectSync();
console.log(found.rows().map((row) => row.join('\t')).join('\n'));
