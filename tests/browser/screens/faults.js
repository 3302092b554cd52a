// What is wrong with the page that is shown, as sentences.
const faults = [];
const root = document.documentElement;
const ACTIONS = 'button, a[href], input, select, textarea, summary';
// What a closed `details` holds has a box, and yet is not shown.
const isShown = (one) => one.checkVisibility() && one.getClientRects().length > 0;
const name = (one) => (one.getAttribute('aria-label') ?? (one.labels?.[0]?.innerText || one.innerText)).trim();
const shown = (within) => [...within.querySelectorAll(ACTIONS)].filter(isShown);

for (const one of shown(document)) {
  if (!name(one)) faults.push(`without a name: ${one.outerHTML.slice(0, 120)}`);
  const box = one.getBoundingClientRect();
  if ((box.width < 24 || box.height < 24) && !one.closest('p, li.kyc-event') && one.type !== 'checkbox')
    faults.push(`smaller than 24 px (WCAG 2.5.8): ${name(one)} ${Math.round(box.width)}x${Math.round(box.height)}`);
}
for (const one of shown(document).filter((one) => one.matches('button'))) {
  const by = one.getBoundingClientRect().right - one.parentElement.getBoundingClientRect().right;
  if (by > 0.5) faults.push(`sticks out by ${by.toFixed(1)} px: ${name(one)}`);
}

// Nothing scrolls sideways, and nothing is cut off at the side (WCAG 1.4.10).
if (root.scrollWidth > root.clientWidth) faults.push(`wider than the screen: ${root.scrollWidth} > ${root.clientWidth}`);
for (const one of document.querySelectorAll('body *')) {
  const style = getComputedStyle(one);
  // What is only heard is clipped away on purpose.
  const clips = style.overflowX !== 'visible' && style.clipPath === 'none' && !one.matches('input, textarea, select, svg');
  if (isShown(one) && clips && one.scrollWidth > one.clientWidth + 1)
    faults.push(`cut off at the side: ${one.className} ${one.scrollWidth} > ${one.clientWidth}`);
}

// Whatever can be pressed can be brought to where nothing lies over it.
const scrolled = [...document.querySelectorAll('*')].map((one) => [one, one.scrollTop]).filter(([, top]) => top > 0);
const front = document.querySelector('[aria-modal=true], .kyc-menu__list, .kyc-sheet') ?? document;
for (const one of shown(front)) {
  if (one.disabled || getComputedStyle(one).pointerEvents === 'none') continue;
  one.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const box = one.getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!hit || !one.contains(hit)) faults.push(`out of reach: ${name(one)}, under ${hit?.className}`);
}
for (const one of document.querySelectorAll('*')) if (one.scrollTop > 0) one.scrollTop = 0;
for (const [one, top] of scrolled) one.scrollTop = top;

const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id used twice: ${id}`);
const count = (selector) => [...document.querySelectorAll(selector)].filter(isShown).length;
if (count('h1') !== 1) faults.push(`${count('h1')} main headings`);
if (count('main, [role=main]') !== 1) faults.push(`${count('main, [role=main]')} main parts`);
if (!root.lang) faults.push('without a language');

// The screens are looked at with `prefers-reduced-motion: reduce`.
for (const animation of document.getAnimations())
  if (animation.effect.getComputedTiming().duration > 10) faults.push(`moves: ${animation.effect.target?.outerHTML.slice(0, 80)}`);
return faults;
