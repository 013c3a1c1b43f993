// damage.js - what DuckDB makes of the tables of tests/tools/damage.py and well_formed.py
//
// Usage   node damage.js DIRECTORY
//         DIRECTORY was written by `damage.py generate` or `well_formed.py generate`
// Output  as `damage.py check`: for each kind, the number of files that are right, wrong but said (an error), and silently
//         wrong; and DuckDB's version on standard error
'use strict';
const fs = require('fs');
const { DuckDBInstance } = require('@duckdb/node-api');

const directory = process.argv[2];
const truth = JSON.parse(fs.readFileSync(`${directory}/truth.json`, 'utf8'));

const value = (sum) => {
	const [numerator, denominator] = sum.split('/');
	return Number(numerator) / Number(denominator || 1);
};

// A double sum in any order differs from the exact one by less than this.
const isClose = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

async function isRight(connection, path, wanted) {
	const source = `read_csv('${path}')`;
	const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
	const names = described.getRows().map((row) => row[0]);
	if (names.length !== wanted.columns.length)
		return false;
	if (names.some((name, i) => wanted.columns[i].name !== null && name !== wanted.columns[i].name))
		return false;
	const items = names.flatMap((name) => {
		const column = `"${name.replaceAll('"', '""')}"`;
		return [`count(${column})`, `sum(TRY_CAST(${column} AS DOUBLE))`, `min(${column})::VARCHAR`,
			`max(${column})::VARCHAR`];
	});
	const result = await connection.runAndReadAll(`SELECT count(*), ${items.join(', ')} FROM ${source}`);
	const row = result.getRows()[0];
	return Number(row[0]) === wanted.rows && wanted.columns.every((column, i) => {
		const [count, sum, first, last] = row.slice(1 + 4 * i, 5 + 4 * i);
		if (Number(count) !== column.count)
			return false;
		if ('sum' in column)
			return sum !== null && isClose(sum, value(column.sum));
		return !('first' in column) || (first === column.first && last === column.last);
	});
}

(async () => {
	const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
	const connection = await instance.connect();
	const version = await connection.runAndReadAll('SELECT version()');
	console.error(`DuckDB ${version.getRows()[0][0]}`);
	const counts = new Map();
	for (const [name, wanted] of Object.entries(truth)) {
		const count = counts.get(wanted.kind) || [0, 0, 0];
		counts.set(wanted.kind, count);
		try {
			count[await isRight(connection, `${directory}/${name}`, wanted) ? 0 : 2]++;
		} catch (error) {
			count[1]++;
		}
	}
	for (const [kind, [right, said, silent]] of counts)
		console.log(`${String(right).padStart(4)} right ${String(said).padStart(4)} said ` +
			`${String(silent).padStart(4)} silent  ${kind}`);
})();
