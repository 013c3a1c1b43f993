// clickhouse.js - computes mean, minimum and maximum of every column with ClickHouse (chdb)
//
// Usage   node clickhouse.js THREADS QUERY GLOB
// QUERY
//   extremes  avg, min, max of every column
//   profile   also estimated distinct values, seven quantiles and the most frequent values
//   messy     the same for the cells that are numbers. All columns are read as text first, because
//             ClickHouse's type inference fails on such files
'use strict';
const { query } = require('chdb');

const [threads, queryName, glob] = process.argv.slice(2);
const from = `FROM file('${glob.replaceAll("'", "\\'")}', 'CSVWithNames')`;
const settings = `SETTINGS max_threads = ${Number(threads)}`;
const isMessy = queryName === 'messy';
const each = (f) => (isMessy ? `* APPLY(toFloat64OrNull) APPLY(${f})` : `* APPLY(${f})`);
const text = isMessy ? ', schema_inference_make_columns_nullable = 0, ' +
	'input_format_csv_use_best_effort_in_schema_inference = 0' : '';
const functions = queryName !== 'profile' ? ['avg', 'min', 'max']
	: ['avg', 'min', 'max', 'uniq', 'quantiles(0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)', 'topK(10)'];
console.log(query(`SELECT ${functions.map(each).join(', ')} ${from} ${settings}${text}`,
	'TabSeparated'));
