// report.js - mid.c in Node: reads files sequentially, with Promise.all or in worker threads
//
// Usage   node report.js sequential|promises|workers DIRECTORY WORKERS
//
// The input must contain plain numbers only: Number() reads a blank as 0, and 0x10 as 16.
'use strict';
const { readdirSync, promises: { readFile } } = require('fs');
const { join } = require('path');
const { Worker, isMainThread, parentPort } = require('worker_threads');

// Returns the column names, and the count, sum, minimum and maximum of each column.
function summarize(text) {
	const lines = text.split(/\r?\n/);
	const names = lines[0].split(',');
	const columns = names.map(() => ({ n: 0, sum: 0, low: Infinity, high: -Infinity }));
	for (let i = 1; i < lines.length; i++) {
		const cells = lines[i].split(',');
		for (let j = 0; j < cells.length; j++) {
			const x = cells[j] === '' ? NaN : Number(cells[j]);
			if (Number.isNaN(x)) continue;
			const column = columns[j];
			column.n++;
			column.sum += x;
			if (x < column.low) column.low = x;
			if (x > column.high) column.high = x;
		}
	}
	return { names, columns };
}

const readOne = async (path) => summarize(await readFile(path, 'utf8'));

// Each worker is sent the next file when it has finished one.
function readByWorkers(paths, nWorkers) {
	const results = [];
	let next = 0;
	const work = () => new Promise((resolve, reject) => {
		const worker = new Worker(__filename);
		const sendNext = () => {
			worker.postMessage(next < paths.length ? { i: next, path: paths[next++] } : null);
		};
		worker.on('message', ({ i, result }) => {
			results[i] = result;
			sendNext();
		});
		worker.on('error', reject);
		worker.on('exit', resolve);
		sendNext();
	});
	return Promise.all(Array.from({ length: nWorkers }, work)).then(() => results);
}

async function readFiles(mode, paths, nWorkers) {
	if (mode === 'promises') return Promise.all(paths.map(readOne));
	if (mode === 'workers') return readByWorkers(paths, nWorkers);
	const results = [];
	for (const path of paths) results.push(await readOne(path));
	return results;
}

// Formats like printf("%.4f"): toFixed rounds an exact half away from zero, printf to the even
// digit. The only doubles exactly halfway between two numbers with four decimals are odd multiples
// of 1/32.
function fixed(x) {
	if (Math.abs((x * 32) % 2) !== 1) return x.toFixed(4);
	const cut = x.toFixed(5).slice(0, -1);
	return Number(cut.slice(-1)) % 2 === 0 ? cut : x.toFixed(4);
}

async function main([mode, directory, nWorkers]) {
	const files = readdirSync(directory).filter((name) => name.endsWith('.csv')).sort();
	const paths = files.map((name) => join(directory, name));
	const results = await readFiles(mode, paths, Number(nWorkers));
	const { names, columns } = results[0];
	for (const { columns: others } of results.slice(1)) {
		columns.forEach((a, i) => {
			a.n += others[i].n;
			a.sum += others[i].sum;
			a.low = Math.min(a.low, others[i].low);
			a.high = Math.max(a.high, others[i].high);
		});
	}
	console.log('column\tcount\tmean\tmin\tmax');
	columns.forEach((c, i) => {
		console.log([names[i], c.n, fixed(c.sum / c.n), fixed(c.low), fixed(c.high)].join('\t'));
	});
}

if (isMainThread) {
	main(process.argv.slice(2)).catch((error) => {
		console.error(String(error));
		process.exit(1);
	});
} else {
	parentPort.on('message', async (file) => {
		if (file === null) parentPort.close();
		else parentPort.postMessage({ i: file.i, result: await readOne(file.path) });
	});
}
