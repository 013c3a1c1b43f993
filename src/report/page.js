'use strict';
(() => {
const byId = id => document.getElementById(id);
const tools = byId('tools');
if (!tools)
	return;
const entries = [...document.querySelectorAll('nav li')].map((item, order) => {
	const card = byId(item.firstElementChild.hash.slice(1));
	return {
		item, card, order,
		list: item.parentNode, cards: card.parentNode,
		name: item.firstElementChild.textContent,
		type: card.querySelector('h3 small').textContent,
		missing: Number(item.dataset.m || 0),
	};
});

const filter = byId('filter'), order = byId('order'), found = byId('found');
const showFound = () => {
	const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
	let n = 0;
	for (const entry of entries) {
		const text = (entry.name + ' ' + entry.type).toLowerCase();
		const fits = words.every(word => text.includes(word));
		entry.item.hidden = entry.card.hidden = !fits;
		n += fits;
	}
	found.textContent = words.length === 0 ? '' : n + ' of ' + entries.length + ' columns';
};

const compareNames = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });
const orders = {
	file: () => 0,
	name: compareNames,
	type: (a, b) => a.type.localeCompare(b.type),
	missing: (a, b) => b.missing - a.missing,
};
const sort = () => {
	const compare = orders[order.value];
	for (const entry of [...entries].sort((a, b) => compare(a, b) || a.order - b.order)) {
		entry.list.append(entry.item);
		entry.cards.append(entry.card);
	}
};

filter.addEventListener('input', showFound);
order.addEventListener('change', sort);
document.addEventListener('keydown', event => {
	if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
		event.preventDefault();
		filter.focus();
	} else if (event.key === 'Escape' && event.target === filter && filter.value !== '') {
		filter.value = '';
		showFound();
	}
});
tools.hidden = false;
filter.value = '';
order.value = 'file';

/* ---- the bin under the pointer: its counts are those of the path, which is drawn in values ---- */

const countsOf = path => {
	const counts = [];
	let x = 0, height = 0;
	for (const [, letter, a, b] of path.getAttribute('d').matchAll(/([Mvhz])(-?\d+)?(?: (\d+))?/g)) {
		if (letter === 'M') {
			x = Number(a);
			height = 0;
		} else if (letter === 'v') {
			height -= Number(a);
		} else if (letter === 'h') {
			for (let i = 0; i < Number(a); i++)
				counts[x++] = height;
		}
	}
	return counts;
};
const two = n => String(n).padStart(2, '0');
const forms = {
	n: x => String(Number(x.toPrecision(6))),
	d: x => new Date(x * 1000).toISOString().slice(0, 19).replace('T00:00:00', ''),
	t: x => Math.floor(x / 3600) + ':' + two(Math.floor(x / 60) % 60) + ':' + two(Math.floor(x % 60)),
};
const tip = document.createElement('div');
tip.className = 'tip';
const showBin = event => {
	const graph = event.target.closest && event.target.closest('svg[data-x]');
	if (!graph) {
		tip.remove();
		return;
	}
	const bins = graph.viewBox.baseVal.width, box = graph.getBoundingClientRect();
	const bin = Math.max(0, Math.min(bins - 1, Math.floor((event.clientX - box.left) / box.width * bins)));
	const [form, ...ends] = graph.dataset.x.split(',');
	const edge = i => forms[form](ends[0] * (1 - i / bins) + ends[1] * i / bins);
	const n = countsOf(graph.firstElementChild)[bin] || 0;
	tip.textContent = edge(bin) + ' to ' + edge(bin + 1) + ': ' + n.toLocaleString('en') +
		(n === 1 ? ' value' : ' values');
	graph.parentNode.append(tip);
	const left = event.clientX - box.left - tip.offsetWidth / 2;
	tip.style.left = Math.max(0, Math.min(box.width - tip.offsetWidth, left)) + 'px';
};
document.addEventListener('pointermove', showBin);
})();
