// clickhouse.js - asks ClickHouse (as the library chdb) for mean, minimum and maximum of every column
//
// Usage   node clickhouse.js THREADS QUESTION GLOB
// QUESTION
//   extremes  avg, min, max of every column
//   messy     the same of what can be read as a number in every column, all read as text first:
//             ClickHouse's own guess at the columns fails on files such as these
'use strict';
const { query } = require('chdb');

const [threads, question, glob] = process.argv.slice(2);
const from = `FROM file('${glob.replaceAll("'", "\\'")}', 'CSVWithNames')`;
const settings = `SETTINGS max_threads = ${Number(threads)}`;
const each = (f) => (question === 'messy' ? `* APPLY(toFloat64OrNull) APPLY(${f})` : `* APPLY(${f})`);
const text = question === 'messy' ? ', schema_inference_make_columns_nullable = 0, ' +
	'input_format_csv_use_best_effort_in_schema_inference = 0' : '';
console.log(query(`SELECT ${['avg', 'min', 'max'].map(each).join(', ')} ${from} ${settings}${text}`,
	'TabSeparated'));
