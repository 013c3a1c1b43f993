// duckdb.js - computes mean, minimum and maximum of every column of CSV files with DuckDB
//
// Usage   node duckdb.js THREADS QUERY GLOB [OUTPUT]
// QUERY
//   nothing    SELECT 1: start-up time, including node
//   extremes   avg, min, max of every column
//   summarize  DuckDB's own SUMMARIZE: also quartiles, standard deviation, distinct values, estimated
//   quantiles  seven exact quantiles of every column
//   messy      avg, min, max of the cells that are numbers in every column, with the file's null
//              values given. Columns that DuckDB detects as numeric are parsed directly; in the
//              others, TRY_CAST does for each cell what csv-report does. This was the fastest
//              query found with correct results; reading all columns as text first is slower.
//   group      count, avg, min, max of the numbers of each key, in lines NAME;NUMBER; as TSV to the file OUTPUT
//   group-wide the same of 20 columns c01 to c20 of a CSV file with the key `station`
'use strict';
const { DuckDBInstance } = require('@duckdb/node-api');

const quoted = (text) => `'${(text || '').replaceAll("'", "''")}'`;
const [threads, query, glob, output] = process.argv.slice(2);
const path = quoted(glob);

// grouped OPTIONS COLUMNS FIGURES: the query that writes the figures of each key.
const grouped = (options, columns, figures) => `COPY (
	SELECT station, count(*), ${figures}
	FROM read_csv(${path}, auto_detect = false, ${options}, columns = {station: 'VARCHAR', ${columns}})
	GROUP BY station) TO ${quoted(output)} (FORMAT csv, HEADER, DELIMITER '\t', QUOTE '')`;
const names = Array.from({ length: 20 }, (_, i) => `c${String(i + 1).padStart(2, '0')}`);
const figuresOf = (columns) => ['avg', 'min', 'max'].flatMap(
	(figure) => columns.map((name) => `${figure}(${name}) AS ${figure}_${name}`)).join(', ');

const queries = {
	nothing: 'SELECT 1',
	extremes: `SELECT avg(COLUMNS(*)), min(COLUMNS(*)), max(COLUMNS(*)) FROM read_csv(${path})`,
	quantiles: `SELECT quantile_cont(COLUMNS(*), [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
		FROM read_csv(${path})`,
	summarize: `SUMMARIZE SELECT * FROM read_csv(${path})`,
	messy: `SELECT avg(TRY_CAST(COLUMNS(*) AS DOUBLE)), min(TRY_CAST(COLUMNS(*) AS DOUBLE)),
		max(TRY_CAST(COLUMNS(*) AS DOUBLE))
		FROM read_csv(${path}, nullstr = ['', 'NA', 'NULL', 'nan'])`,
	group: grouped(`header = false, delim = ';', quote = ''`, `number: 'DOUBLE'`, figuresOf(['number'])),
	'group-wide': grouped(`header = true, delim = ',', quote = '"'`,
		names.map((name) => `${name}: 'DOUBLE'`).join(', '), figuresOf(names)),
};

(async () => {
	const instance = await DuckDBInstance.create(':memory:', { threads });
	const connection = await instance.connect();
	const reader = await connection.runAndReadAll(queries[query]);
	console.log(reader.getRows().map((row) => row.join('\t')).join('\n'));
})().catch((error) => {
	console.error(String(error));
	process.exit(1);
});
