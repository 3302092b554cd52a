// What the customer's page can do besides, where the browser lets it. Without this file everything still works by plain forms.
// Nothing is kept in the browser, and nothing leaves it but to the server that sent this page.

const HEARTBEAT = 15_000;
// Who only reads is not hurried: the clock of the customer's part runs while she does something.
const ACTIVE = 60_000;
const PART = 256 * 1024;
const LARGEST = 10_000_000;
const SIDE = 96;

const words = JSON.parse(document.body.dataset.words || "{}");
const ours = { "X-KycDesk-CSRF": "1" };
let lastInput = Date.now();
let uploads = 0;

const say = (key, n) => (words[key] || "").replace("{n}", n ?? "");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function tell(text) {
    const place = document.getElementById("told");
    if (place) place.textContent = text;
}

// Signs of life.

for (const kind of ["pointerdown", "keydown", "touchstart", "scroll"]) {
    addEventListener(kind, () => { lastInput = Date.now(); }, { passive: true });
}

function isThere() {
    return document.visibilityState === "visible" && (uploads > 0 || Date.now() - lastInput < ACTIVE);
}

async function beat() {
    if (!document.querySelector("main[data-live]") || !isThere()) return;
    await fetch("/c/heartbeat", { method: "POST", headers: ours }).catch(() => {});
}

setInterval(beat, HEARTBEAT);
beat();

// Photos.

function status(form, text, tone) {
    const place = form.querySelector("[data-status]");
    place.textContent = text;
    place.dataset.tone = tone || "";
}

function progress(form, share) {
    const bar = form.querySelector("progress");
    bar.hidden = share === null;
    if (share === null) return;
    bar.value = share;
    const percent = Math.round(share * 100);
    status(form, say("script.uploading", percent));
}

async function json(response) {
    try { return await response.json(); } catch { return {}; }
}

// Whatever is not the server's answer is the line: it will be back.
async function patiently(form, send) {
    for (let tries = 0; ; tries += 1) {
        try {
            const answer = await send();
            if (answer.status !== 429 && answer.status < 500) return answer;
        } catch {
            status(form, say("script.paused"), "alert");
        }
        const pause = wait(Math.min(1000 * 2 ** tries, 10_000));
        await Promise.race([pause, new Promise((done) => addEventListener("online", done, { once: true }))]);
        if (tries > 60) throw new Error("gave up");
    }
}

async function upload(form, file, item) {
    const begin = () => fetch(form.dataset.begin, {
        method: "POST",
        headers: { ...ours, "Content-Type": "application/json" },
        body: JSON.stringify({ item, size: file.size }),
    });
    const begun = await patiently(form, begin);
    const state = await json(begun);
    if (begun.status !== 201) return state.detail || say("script.failed");
    const at = `/c/uploads/${state.id}${location.search}`;
    let offset = 0;
    let isCut = false;
    while (offset < file.size) {
        progress(form, offset / file.size);
        const answer = await patiently(form, async () => {
            if (isCut) {
                const known = await fetch(at, { headers: ours });
                if (!known.ok) return known;
                offset = (await known.json()).offset;
                isCut = false;
            }
            try {
                return await fetch(at, {
                    method: "PATCH",
                    headers: { ...ours, "Content-Type": "application/partial-upload", "Upload-Offset": String(offset) },
                    body: file.slice(offset, offset + PART),
                });
            } catch (error) {
                isCut = true;
                throw error;
            }
        });
        // The answer to the last part got lost: the page knows whether it arrived.
        if (answer.status === 404) return "";
        const told = await json(answer);
        if (answer.status !== 200 && answer.status !== 409) return told.detail || say("script.failed");
        offset = told.offset;
        if (offset >= file.size) status(form, say("script.working"));
    }
    progress(form, null);
    return "";
}

// How dark and how sharp a picture is: the mean of its brightness, and the spread of its second derivative.
function judged(source, width, height) {
    const canvas = document.createElement("canvas");
    const scale = Math.min(1, (SIDE * 4) / Math.max(width, height));
    canvas.width = Math.max(8, Math.round(width * scale));
    canvas.height = Math.max(8, Math.round(height * scale));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const grey = new Float32Array(canvas.width * canvas.height);
    let sum = 0;
    for (let at = 0; at < grey.length; at += 1) {
        grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
        sum += grey[at];
    }
    let edges = 0;
    let squares = 0;
    let count = 0;
    for (let y = 1; y < canvas.height - 1; y += 1) {
        for (let x = 1; x < canvas.width - 1; x += 1) {
            const at = y * canvas.width + x;
            const edge = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - canvas.width] - grey[at + canvas.width];
            edges += edge;
            squares += edge * edge;
            count += 1;
        }
    }
    return { light: sum / grey.length, sharpness: squares / count - (edges / count) ** 2 };
}

async function hint(file) {
    try {
        const picture = await createImageBitmap(file);
        const { light, sharpness } = judged(picture, picture.width, picture.height);
        picture.close();
        if (light < 50) return say("script.dark");
        if (sharpness < 20) return say("script.blurry");
    } catch {
        // What this browser cannot read, the server may.
    }
    return "";
}

function preview(form, file) {
    const image = form.querySelector("img");
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(file);
    image.hidden = false;
}

function decided(form) {
    const choice = form.querySelector("[data-choice]");
    choice.hidden = false;
    choice.querySelector("button").focus();
    return new Promise((done) => {
        for (const button of choice.querySelectorAll("button")) {
            button.onclick = () => {
                choice.hidden = true;
                done(button.value === "use");
            };
        }
    });
}

async function chosen(form, input) {
    const file = input.files[0];
    if (!file) return;
    preview(form, file);
    const advice = file.size > LARGEST ? "" : await hint(file);
    if (advice) {
        status(form, advice, "alert");
        tell(advice);
        if (!(await decided(form))) {
            input.value = "";
            form.querySelector("img").hidden = true;
            status(form, "");
            input.click();
            return;
        }
    }
    uploads += 1;
    form.setAttribute("aria-busy", "true");
    let wrong;
    try {
        wrong = await upload(form, file, form.querySelector("[name=item]").value);
    } catch {
        wrong = say("script.failed");
    }
    uploads -= 1;
    form.removeAttribute("aria-busy");
    progress(form, null);
    input.value = "";
    if (wrong) {
        status(form, wrong, "alert");
        tell(wrong);
        return;
    }
    await again(form.id);
}

// A server that cannot answer now, and a line that is cut, say nothing about her: it is asked again, each time later, and not before it
// wants to be.
let missed = 0;
let quiet = 0;

// The page as the server sees it now, without losing the place.
async function fresh() {
    let asked = 0;
    try {
        const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
        asked = Number(answer.headers.get("Retry-After")) || 0;
        if (answer.status === 429 || answer.status >= 500) throw new Error("no page");
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        missed = 0;
        quiet = 0;
        return page;
    } catch (error) {
        missed += 1;
        quiet = performance.now() + 1000 * Math.max(asked, Math.min(2 ** missed, 30));
        throw error;
    }
}

function show(page) {
    for (const image of document.querySelectorAll("main img")) URL.revokeObjectURL(image.src);
    document.title = page.title;
    document.querySelector("main").replaceWith(page.querySelector("main"));
    const steps = document.querySelector(".steps");
    if (steps) steps.replaceWith(page.querySelector(".steps") || "");
    enhance();
}

async function again(id) {
    // It has arrived: what she sees stays until the server has its next page for her.
    for (;;) {
        try {
            show(await fresh());
            break;
        } catch {
            await wait(quiet - performance.now());
        }
    }
    tell(say("script.done"));
    (document.getElementById(id)?.querySelector("input[type=file]") || document.querySelector("main")).focus();
}

// Where something may change by itself, the page is looked at anew; nothing moves while it is the same.

let looking = 0;

function lookAgain() {
    clearTimeout(looking);
    const seconds = Number(document.querySelector("main[data-again]")?.dataset.again);
    if (seconds) looking = setTimeout(see, Math.max(seconds * 1000, quiet - performance.now()));
}

async function see() {
    if (document.visibilityState === "visible" && performance.now() >= quiet) {
        const page = await fresh().catch(() => null);
        const main = document.querySelector("main");
        const now = page?.querySelector("main");
        // What she fills in stays until she is asked for something else, and is not taken away while she is at it.
        const isBusy = uploads > 0 || main.querySelector("[data-choice]:not([hidden])");
        const about = main.dataset.about;
        const isNews = about ? now?.dataset.about !== about && !isBusy : now?.innerHTML !== main.innerHTML;
        if (now && isNews) {
            const hadFocus = main.contains(document.activeElement);
            show(page);
            tell(document.querySelector("h1")?.textContent || "");
            if (hadFocus) document.querySelector("main").focus();
            return;
        }
    }
    lookAgain();
}

// Who comes back, from the provider or by the browser's own way, sees at once how things stand.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && document.querySelector("main[data-again]")) see();
});

function enhance() {
    for (const form of document.querySelectorAll("form[data-begin]")) {
        const input = form.querySelector("input[type=file]");
        form.dataset.script = "on";
        input.addEventListener("change", () => chosen(form, input));
    }
    const check = document.getElementById("check");
    if (check) look(check);
    lookAgain();
}

// What the device is capable of.

const canCall = () =>
    typeof RTCPeerConnection === "function" && typeof navigator.mediaDevices?.getUserMedia === "function";

async function seconds(send) {
    const began = performance.now();
    const answer = await send();
    if (!answer.ok) throw new Error("no answer");
    await answer.arrayBuffer();
    return (performance.now() - began) / 1000;
}

// Latency in milliseconds, bandwidth in kilobits a second each way, against the server that matters.
async function line() {
    const times = [];
    for (let at = 0; at < 4; at += 1) times.push(await seconds(() => fetch("/c/probe", { method: "HEAD", headers: ours })));
    const latency = times.sort((a, b) => a - b)[1];
    const size = 128 * 1024;
    const down = await seconds(() => fetch("/c/probe", { headers: ours, cache: "no-store" }));
    const up = await seconds(() => fetch("/c/probe", { method: "POST", headers: ours, body: new Uint8Array(size) }));
    const rate = (time) => (size * 8) / 1000 / Math.max(time - latency, 0.001);
    return { latency: latency * 1000, down: rate(down), up: rate(up) };
}

const share = (value, enough) => Math.max(0, Math.min(1, value / enough));

async function report(score, height, hasVideo) {
    const body = { score: Math.round(score * 100) / 100, frame_height: height, has_video: hasVideo };
    await fetch("/c/quality", {
        method: "POST",
        headers: { ...ours, "Content-Type": "application/json" },
        body: JSON.stringify(body),
    }).catch(() => {});
}

function verdict(check, key, tone) {
    const place = check.querySelector("[data-verdict]");
    place.textContent = say(key);
    place.dataset.tone = tone;
    check.dataset.state = key;
}

async function camera(check) {
    const wanted = { video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    try {
        const settings = stream.getVideoTracks()[0].getSettings();
        const video = document.createElement("video");
        video.muted = true;
        video.playsInline = true;
        video.srcObject = stream;
        await video.play();
        // The camera's own exposure needs a moment.
        await wait(600);
        const { light } = judged(video, video.videoWidth || 640, video.videoHeight || 480);
        return { height: settings.height || video.videoHeight, light };
    } finally {
        for (const track of stream.getTracks()) track.stop();
    }
}

async function tried(check) {
    verdict(check, "check.checking", "");
    let seen;
    try {
        seen = await camera(check);
    } catch (error) {
        const isDenied = error.name === "NotAllowedError" || error.name === "SecurityError";
        verdict(check, isDenied ? "check.denied" : "check.no_camera", "alert");
        await report(0, null, false);
        return;
    }
    let score = share(seen.height, 720);
    try {
        const { latency, down, up } = await line();
        score = Math.min(score, share(up, 800), share(down, 800), share(600, Math.max(latency, 1)));
    } catch {
        score = Math.min(score, 0.5);
    }
    await report(score, Math.round(seen.height), true);
    if (seen.height < 480) verdict(check, "check.small", "alert");
    else if (seen.light < 50) verdict(check, "check.difficulty", "alert");
    else if (score < 0.8) verdict(check, "check.fair", "alert");
    else verdict(check, "check.good", "good");
}

async function look(check) {
    const button = check.querySelector("button");
    if (!canCall()) {
        await report(0, null, false);
        return;
    }
    check.querySelector("[data-verdict]").textContent = "";
    button.hidden = false;
    button.onclick = () => tried(check);
    // Who has allowed the camera before is not asked again.
    const permission = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
    if (permission?.state === "granted") tried(check);
    if (permission?.state === "denied") verdict(check, "check.denied", "alert");
}

enhance();
