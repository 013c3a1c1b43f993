// page.js - uses HTML reports like a reader: html.sh puts it into a page with the reports in frames, of the widths of a
// telephone, a tablet and a monitor, and one without scripts; it writes the results, one fact per line, to a new element
'use strict';
const facts = [];
const fact = (name, value) => facts.push(name + '=' + value);
const press = (target, key) =>
	target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

// ---- colors ----

const channels = color => {
	const numbers = (color.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
	const scale = color.startsWith('color(') ? 255 : 1;
	const [r, g, b, alpha = 1] = color.startsWith('color(srgb') ? numbers : numbers;
	return [r * scale, g * scale, b * scale, alpha];
};
const over = (front, back) => {
	const alpha = front[3];
	return [0, 1, 2].map(i => front[i] * alpha + back[i] * (1 - alpha)).concat(1);
};
const luminance = color => {
	const [r, g, b] = color.map(value => {
		const part = value / 255;
		return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const backOf = (element, view) => {
	const colors = [];
	for (let at = element; at; at = at.parentElement)
		colors.unshift(channels(view.getComputedStyle(at).backgroundColor));
	return colors.reduce((back, front) => over(front, back), [255, 255, 255, 1]);
};
// The least contrast of any text that is shown: WCAG 2.1, success criterion 1.4.3.
const leastContrast = frame => {
	const view = frame.contentWindow, page = frame.contentDocument;
	const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
	let least = 21, where = '';
	while (walker.nextNode()) {
		const element = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || /^(SCRIPT|STYLE|OPTION)$/.test(element.tagName) ||
		    element.getClientRects().length === 0)
			continue;
		const back = backOf(element, view);
		const text = over(channels(view.getComputedStyle(element).color), back);
		const pair = [luminance(text), luminance(back)].sort((a, b) => b - a);
		const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
		if (contrast < least) {
			least = contrast;
			where = element.tagName + ' ' + walker.currentNode.data.trim().slice(0, 30);
		}
	}
	return least >= 4.5 ? 'enough' : least.toFixed(2) + ' at ' + where;
};

// ---- pages ----

// Elements whose right edge is beyond the window, other than those within one that scrolls.
const wideElements = frame => {
	const page = frame.contentDocument;
	return [...page.querySelectorAll('body *')].filter(element =>
		element.getBoundingClientRect().right > frame.clientWidth + 1 && !element.closest('.wide') &&
		!element.closest('.skip') && element.getClientRects().length > 0).length;
};
const checkLayout = (name, frame) => {
	const page = frame.contentDocument;
	fact(name + ' sideways', page.documentElement.scrollWidth > frame.clientWidth ? 'scrolls' : 'none');
	fact(name + ' beyond the window', wideElements(frame));
	fact(name + ' contrast', leastContrast(frame));
	fact(name + ' requests', frame.contentWindow.performance.getEntriesByType('resource').length);
};

const shownNames = page => [...page.querySelectorAll('.cards > article')]
	.filter(card => !card.hidden).map(card => card.querySelector('h3 bdi').textContent);
const indexNames = page => [...page.querySelectorAll('nav li')]
	.filter(item => !item.hidden).map(item => item.querySelector('bdi').textContent);
const both = page => indexNames(page).join() === shownNames(page).join()
	? shownNames(page).join() : 'index and cards differ';

const checkUse = frame => {
	const page = frame.contentDocument, view = frame.contentWindow;
	const byId = id => page.getElementById(id);
	const all = both(page);
	fact('all', all);
	press(page.body, '/');
	fact('slash', page.activeElement === byId('filter') ? 'search' : 'not the search box');
	byId('filter').value = 'TEMP';
	byId('filter').dispatchEvent(new view.Event('input', { bubbles: true }));
	fact('search', both(page));
	fact('found', byId('found').textContent);
	byId('filter').value = 'text no';
	byId('filter').dispatchEvent(new view.Event('input', { bubbles: true }));
	fact('two words', both(page));
	press(byId('filter'), 'Escape');
	fact('Esc', both(page) === all ? 'all' : both(page));
	for (const order of ['name', 'type', 'missing', 'file']) {
		byId('order').value = order;
		byId('order').dispatchEvent(new view.Event('change', { bubbles: true }));
		fact('by ' + order, both(page));
	}

	const graph = byId('c2').querySelector('svg.h'), box = graph.getBoundingClientRect();
	graph.dispatchEvent(new view.PointerEvent('pointermove',
		{ bubbles: true, clientX: box.left + box.width * 24.5 / 40, clientY: box.top + 5 }));
	fact('pointing at a bin', page.querySelector('.tip').textContent);
	page.body.dispatchEvent(new view.PointerEvent('pointermove', { bubbles: true }));
	fact('pointing away', page.querySelector('.tip') ? 'a tip' : 'no tip');

	const stops = [...page.querySelectorAll('a[href],input,select,summary,button')];
	fact('tab order', stops.every(stop => stop.tabIndex === 0) ? 'that of the page' : 'changed');
	fact('first stop', stops[0].textContent);
	const broken = [...page.querySelectorAll('a[href^="#"]')].filter(link => !byId(link.hash.slice(1)));
	fact('links without a target', broken.length);
	const ids = [...page.querySelectorAll('[id]')].map(element => element.id);
	fact('ids used twice', ids.length - new Set(ids).size);
};

const checkHostile = frame => {
	const page = frame.contentDocument;
	fact('hostile scripts', page.scripts.length);
	fact('hostile elements', page.querySelectorAll('img,iframe,object,embed,form,link,base,bdo,b b').length);
	fact('hostile handlers', [...page.querySelectorAll('*')].filter(element =>
		element.getAttributeNames().some(name => name.startsWith('on'))).length);
	fact('hostile links', [...page.links].filter(link => !link.getAttribute('href').startsWith('#')).length);
	fact('hostile effect', window.hacked || frame.contentWindow.hacked ? 'some' : 'none');
	const text = page.body.textContent;
	fact('hostile names', ['<script>parent.hacked=1</script>', '"><img src=x onerror=parent.hacked=1>',
		'</style><b onclick=parent.hacked=1>', '\\u{202E}evil', '</script><script>parent.hacked=1</script>']
		.filter(name => text.includes(name)).length);
	fact('hostile controls', /[\u202A-\u202E\u2066-\u2069\u0000-\u0008]/.test(text) ? 'some' : 'none');
	const names = [...page.querySelectorAll('h3 bdi')].map(name => name.textContent.length);
	fact('hostile widest', Math.max(...names) <= 120 ? 'cut' : Math.max(...names));
};

const checkPlain = frame => {
	const page = frame.contentDocument, view = frame.contentWindow;
	fact('plain tools', view.getComputedStyle(page.getElementById('tools')).display);
	fact('plain cards', shownNames(page).length);
	fact('plain graphs', [...page.querySelectorAll('svg.h')].filter(graph =>
		graph.getBoundingClientRect().height > 10).length);
};

window.onload = () => {
	try {
		const frames = {};
		for (const frame of document.querySelectorAll('iframe'))
			frames[frame.name] = frame;
		for (const name of ['360', '800', '1600', 'hostile', 'many'])
			if (frames[name])
				checkLayout(name, frames[name]);
		if (frames.hostile)
			checkHostile(frames.hostile);
		if (frames.plain)
			checkPlain(frames.plain);
		if (frames.plain)
			checkUse(frames[1600]);
		fact('background', frames[360].contentWindow.getComputedStyle(frames[360].contentDocument.body)
			.backgroundColor);
	} catch (error) {
		fact('error', error.stack.replace(/\n/g, ' '));
	}
	const seen = document.createElement('pre');
	seen.id = 'seen';
	seen.textContent = facts.join('\n') + '\n';
	document.body.append(seen);
};
