// duckdb.js - asks DuckDB for mean, minimum and maximum of every column of CSV files
//
// Usage   node duckdb.js THREADS QUESTION GLOB
// QUESTION
//   nothing    SELECT 1: what starting costs, node included
//   extremes   avg, min, max of every column
//   summarize  DuckDB's own SUMMARIZE: also quartiles, standard deviation, distinct values
//   messy      avg, min, max of what can be read as a number in every column, with the file's null
//              values named. Columns that DuckDB finds to be numbers are read as such at once; in
//              the others TRY_CAST does per cell what csv-report does. This was the fastest way
//              found that gives the figures; reading all columns as text first is slower.
'use strict';
const { DuckDBInstance } = require('@duckdb/node-api');

const [threads, question, glob] = process.argv.slice(2);
const path = `'${(glob || '').replaceAll("'", "''")}'`;
const questions = {
	nothing: 'SELECT 1',
	extremes: `SELECT avg(COLUMNS(*)), min(COLUMNS(*)), max(COLUMNS(*)) FROM read_csv(${path})`,
	summarize: `SUMMARIZE SELECT * FROM read_csv(${path})`,
	messy: `SELECT avg(TRY_CAST(COLUMNS(*) AS DOUBLE)), min(TRY_CAST(COLUMNS(*) AS DOUBLE)),
		max(TRY_CAST(COLUMNS(*) AS DOUBLE))
		FROM read_csv(${path}, nullstr = ['', 'NA', 'NULL', 'nan'])`,
};

(async () => {
	const instance = await DuckDBInstance.create(':memory:', { threads });
	const connection = await instance.connect();
	const reader = await connection.runAndReadAll(questions[question]);
	console.log(reader.getRows().map((row) => row.join('\t')).join('\n'));
})().catch((error) => {
	console.error(String(error));
	process.exit(1);
});
