// browser.js - uses a flame graph like a reader: browser.sh appends it to a copy of the SVG file; it clicks,
// types and searches, and writes the results, one fact per line, to a new element
(() => {
'use strict';
const facts = [];
const fact = (name, value) => facts.push(name + '=' + value);
const byId = id => document.getElementById(id);
const boxes = [...document.querySelectorAll('.box')];
const nameOf = box => box.querySelector('title').textContent.replace(/: [\d,]+ samples?, [\d.]+%$/, '');
const find = name => boxes.find(box => nameOf(box) === name);
const isShown = box => box.style.display !== 'none';
const shown = () => boxes.filter(isShown).map(nameOf).join(' ');
const shape = () => boxes.map(box => [box.getAttribute('x'), box.getAttribute('width'),
	isShown(box), box.getAttribute('class')].join()).join(' ');
const press = (target, key) =>
	target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const click = target => target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
const search = text => {
	byId('pattern').value = text;
	byId('pattern').dispatchEvent(new InputEvent('input', { bubbles: true }));
};
const texts = () => boxes.filter(isShown).map(box => ({
	text: box.querySelector('text').getComputedTextLength(),
	box: box.getBoundingClientRect().width,
}));

try {
	const first = shape();

	click(find('work').querySelector('rect'));
	fact('zoomed', shown());
	fact('zoomed width', find('work').getAttribute('width'));
	fact('caller width', find('main').getAttribute('width'));
	fact('left part', ['x', 'width'].map(name =>
		parseFloat(find('parse').getAttribute(name)).toFixed(4)).join(' '));
	press(document, 'Escape');
	fact('after Esc', shape() === first ? 'as before' : 'changed');

	click(find('work'));
	search('parse');
	click(byId('reset'));
	fact('after Reset', shape() === first && byId('pattern').value === '' &&
		byId('found').textContent === '' ? 'as before' : 'changed');

	for (const pattern of document.currentScript.dataset.patterns.split(' ')) {
		search(pattern);
		fact('search ' + pattern, byId('found').textContent);
		fact('hits ' + pattern,
			boxes.filter(box => box.classList.contains('hit')).map(nameOf).join(' '));
	}
	const plain = getComputedStyle(find('main').querySelector('rect')).fill;
	search('^main$');
	fact('highlight', getComputedStyle(find('main').querySelector('rect')).fill !== plain
		? 'differs' : 'none');
	search('(');
	fact('search (', byId('found').textContent);
	press(byId('pattern'), 'Escape');
	fact('Esc in search', shape() === first ? 'as before' : 'changed');

	find('work').dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
	fact('hover', byId('detail').textContent);

	press(document, '/');
	fact('slash', document.activeElement === byId('pattern') ? 'search' : 'elsewhere');
	find('work').focus();
	press(find('work'), 'ArrowUp');
	fact('up', nameOf(document.activeElement));
	press(document.activeElement, 'ArrowRight');
	fact('right', nameOf(document.activeElement));
	press(document.activeElement, 'Enter');
	fact('Enter', document.activeElement.getAttribute('width'));
	press(document.activeElement, 'ArrowDown');
	fact('down', nameOf(document.activeElement));
	press(document, 'Escape');

	find('operator<<::a_name_too_long_for_any_box_on_a_narrow_page_that_has_to_be_cut').focus();
	fact('overflowing', texts().filter(both => both.text > both.box).length);
	fact('labelled', texts().filter(both => both.text > 0).length > 0 ? 'some' : 'none');
	for (const id of ['heading', 'facts', 'found', 'detail'])
		fact('line ' + id, byId(id).getComputedTextLength() <= innerWidth ? 'fits' : 'is cut off');
	fact('sideways', document.documentElement.scrollWidth <= window.innerWidth ? 'none' : 'scrolls');
	fact('requests', performance.getEntriesByType('resource').length);
	fact('dark', matchMedia('(prefers-color-scheme: dark)').matches);
	fact('background', getComputedStyle(document.documentElement).backgroundColor);
} catch (error) {
	fact('error', error);
}
const result = document.createElementNS('http://www.w3.org/2000/svg', 'desc');
result.id = 'seen';
result.textContent = '\n' + facts.join('\n') + '\n';
document.documentElement.append(result);
})();
