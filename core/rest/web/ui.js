/* SPDX-License-Identifier: Apache-2.0 */
/* Draws what /openapi.json says and sends what is asked for. Everything from the server is put in as text. */
"use strict";

const MAX_COLOURED = 300000;
const HEADERS = ["Content-Type", "ETag", "Last-Modified", "Expires", "Vary", "Cache-Control", "X-Region-Status",
	"Retry-After", "Allow"];

function make(tag, properties, ...children) {
	const element = Object.assign(document.createElement(tag), properties);
	element.append(...children);
	return element;
}

/* Text with `code` in it. */
function prose(text) {
	return text.split("`").map((part, i) => (i % 2 ? make("code", { textContent: part }) : part));
}

/* A path that goes on in the next line does so before a slash. */
function breakable(path) {
	return path.split(/(?=\/)/).flatMap((part) => [make("wbr", {}), part]);
}

function resolve(doc, item) {
	return item.$ref ? item.$ref.slice(2).split("/").reduce((at, key) => at[key], doc) : item;
}

function shellWord(text) {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";
}

/* Keys of an object with their values, items of an array, each on one line. */
function parts(value, lay) {
	const list = Array.isArray(value);
	return Object.entries(value).map(([key, item]) => (list ? "" : JSON.stringify(key) + ": ") + lay(item));
}

function brackets(value, inside) {
	return Array.isArray(value) ? "[" + inside + "]" : "{" + inside + "}";
}

function isTree(value) {
	return typeof value === "object" && value !== null;
}

function onOneLine(value) {
	return isTree(value) ? brackets(value, parts(value, onOneLine).join(", ")) : JSON.stringify(value);
}

/* JSON to read: what fits on a line stays on it, and lines are filled; nothing is ever in the middle of a line that
 * needs more than one. */
function layOut(value, width, indent = "") {
	const short = onOneLine(value), inner = indent + (width < 60 ? " " : "  ");
	if (!isTree(value) || indent.length + short.length <= width)
		return short;
	const lines = [];
	for (const part of parts(value, (item) => layOut(item, width - 1, inner))) {
		const last = lines.at(-1), together = last + ", " + part;
		if (last && !Array.isArray(value) && !together.includes("\n") && inner.length + together.length < width)
			lines[lines.length - 1] = together;
		else
			lines.push(part);
	}
	return brackets(value, "\n" + inner + lines.join(",\n" + inner) + "\n" + indent);
}

function coloured(text) {
	if (text.length > MAX_COLOURED)
		return [text];
	return text.split(/("(?:[^"\\]|\\.)*"(?=:))/).map((part, i) => (i % 2 ? make("b", { textContent: part }) : part));
}

function copyButton(label, text) {
	const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
	button.setAttribute("aria-label", "Copy: " + label);
	button.hidden = !navigator.clipboard; /* there is none without https, but on localhost */
	button.addEventListener("click", () => navigator.clipboard.writeText(text)
		.then(() => { button.textContent = "Copied"; }, () => { button.textContent = "Not allowed"; }));
	return button;
}

/* A part of an answer, to read and to copy. */
function box(name, heading, text, shown) {
	const pre = make("pre", { className: name, tabIndex: 0 }, ...shown);
	pre.setAttribute("role", "region");
	pre.setAttribute("aria-label", heading);
	return [make("div", { className: "heading" }, make("h3", { textContent: heading }), copyButton(heading, text)), pre];
}

function list(rows) {
	return make("dl", {}, ...rows.flatMap(([name, text]) => [make("dt", { textContent: name }), make("dd", {}, ...text)]));
}

class Operation {
	constructor(doc, path, method, operation) {
		Object.assign(this, { doc, path, method, operation });
		this.parameters = (operation.parameters || []).map((p) => resolve(doc, p));
		this.inputs = new Map();
		this.words = [method, path, operation.summary, operation.operationId].join(" ").toLowerCase();
		this.answer = make("div", { className: "answer" });
		this.button = make("button", { className: "send", textContent: "Send" });
		this.state = make("p", {});
		this.state.setAttribute("role", "status");
		this.element = this.draw();
	}

	draw() {
		const { operationId, summary } = this.operation;
		const form = make("form", { className: "inside" }, this.drawQuestion(), make("div", {}, this.state, this.answer));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.send();
		});
		const element = make("details", { id: operationId, className: "operation" },
			make("summary", {}, make("span", { className: "method " + this.method, textContent: this.method.toUpperCase() }),
				make("span", { className: "path" }, ...breakable(this.path)),
				make("span", { className: "what", textContent: summary })), form);
		element.addEventListener("toggle", () => {
			if (element.open)
				history.replaceState(null, "", "#" + operationId);
		});
		return element;
	}

	drawQuestion() {
		const question = make("div", {}, ...this.operation.description.split("\n\n").map((text) => make("p", {}, ...prose(text))));
		for (const p of this.parameters)
			question.append(this.drawParameter(p));
		if (this.operation.requestBody)
			question.append(this.drawBody(this.operation.requestBody));
		const statuses = Object.entries(this.operation.responses)
			.map(([status, response]) => [status, prose(resolve(this.doc, response).description)]);
		question.append(this.button, make("details", { className: "statuses" },
			make("summary", { textContent: "What can come back" }), list(statuses)));
		return question;
	}

	/* key: a path and its query may both have a region. */
	drawField(key, name, input, text, note) {
		input.id = this.operation.operationId + "-" + key;
		this.inputs.set(key, input);
		const help = make("small", { id: input.id + "-help" }, ...prose(text));
		input.setAttribute("aria-describedby", help.id);
		return make("div", { className: "field" },
			make("label", { htmlFor: input.id }, name + " ", make("small", { textContent: note })), input, help);
	}

	drawParameter(p) {
		const input = make("input", { autocomplete: "off", spellcheck: false, required: !!p.required });
		if (p.name === "region")
			input.setAttribute("list", "regions");
		if (!p.required && p.example !== undefined)
			input.placeholder = "for example " + [].concat(p.example).join(" ");
		const several = p.explode ? "; several: with a space between" : "";
		return this.drawField(p.in + "-" + p.name, p.name, input, p.description, (p.required ? "needed" : "may stay empty") + several);
	}

	drawBody(body) {
		const [first] = Object.values(body.content["application/json"].examples);
		return this.drawField("body", "body", make("textarea", { spellcheck: false, value: JSON.stringify(first.value, null, 2) }),
			body.description, "JSON");
	}

	/* Something to ask for is filled in; ids follow the region, and their names stand below. */
	offer(flavors) {
		const region = this.inputs.get("path-region"), id = this.inputs.get("path-id"), [first] = flavors;
		if (region)
			region.value = first.region;
		if (id)
			this.offerIds(flavors, region, id);
		if (this.inputs.has("body"))
			this.inputs.get("body").value = JSON.stringify({ flavors: { [first.name]: 2 } }, null, 2);
	}

	offerIds(flavors, region, id) {
		const ids = make("datalist", { id: id.id + "-list" }), meant = make("small", {});
		const name = () => {
			meant.textContent = flavors.filter((f) => f.id === id.value).map((f) => "→ " + f.name + " in " + f.region).join(", ");
		};
		const follow = () => {
			const here = flavors.filter((f) => !region?.value || f.region === region.value);
			ids.replaceChildren(...here.map((f) => make("option", { value: f.id, label: f.name + " – " + f.region })));
			if (here.length && !here.some((f) => f.id === id.value))
				id.value = here[0].id;
			name();
		};
		id.setAttribute("list", ids.id);
		id.parentElement.append(meant, ids);
		id.addEventListener("input", name);
		region?.addEventListener("change", follow);
		follow();
	}

	target() {
		const query = new URLSearchParams();
		let path = this.path;
		for (const p of this.parameters) {
			const value = this.inputs.get(p.in + "-" + p.name).value.trim();
			if (p.in === "path")
				path = path.replace("{" + p.name + "}", encodeURIComponent(value));
			else if (value)
				for (const one of p.explode ? value.split(/\s+/) : [value])
					query.append(p.name, one);
		}
		return path + (query.toString() ? "?" + query : "");
	}

	async send() {
		if (this.button.getAttribute("aria-disabled"))
			return;
		const target = this.target(), body = this.inputs.get("body")?.value, began = performance.now();
		const options = { method: this.method.toUpperCase(), cache: "no-store" };
		let command = "curl -s " + shellWord(location.origin + target);
		if (body !== undefined) {
			Object.assign(options, { body, headers: { "Content-Type": "application/json" } });
			command += " -d " + shellWord(body);
		}
		this.button.setAttribute("aria-disabled", "true");
		this.state.replaceChildren("Waiting for the answer …");
		this.answer.replaceChildren();
		try {
			const reply = await fetch(target, options);
			this.show(command, reply, await reply.text(), performance.now() - began);
		} catch (error) {
			this.state.replaceChildren(make("span", { className: "status bad", textContent: "No answer" }), " " + error.message);
		}
		this.button.removeAttribute("aria-disabled");
	}

	/* Letters on a line of an answer; ui.css has the size of one. */
	width() {
		return Math.max(30, Math.floor((this.state.clientWidth - 30) / (0.84 * 16 * 0.61)));
	}

	show(command, reply, text, ms) {
		let shown = [text];
		if (/json/.test(reply.headers.get("Content-Type"))) {
			try {
				shown = coloured(layOut(JSON.parse(text), this.width()));
			} catch {
				shown = [text];
			}
		}
		const size = new TextEncoder().encode(text).length.toLocaleString("en");
		const headers = HEADERS.filter((name) => reply.headers.has(name)).map((name) => [name, [reply.headers.get(name)]]);
		this.state.replaceChildren(
			make("span", { className: reply.ok ? "status" : "status bad", textContent: (reply.status + " " + reply.statusText).trim() }),
			make("span", { className: "cost", textContent: Math.max(1, Math.round(ms)) + " ms, " + size + " bytes" }));
		this.answer.replaceChildren(...box("body", "Body", text, shown),
			make("div", { className: "heading" }, make("h3", { textContent: "Headers" })), list(headers),
			...box("command", "The same in a shell", command, [command]));
	}
}

/* What can be asked for. */
async function offer(operations) {
	const reply = await fetch("/v1/flavors?fields=region,id,name");
	if (!reply.ok)
		return;
	const { flavors, regions } = await reply.json();
	document.getElementById("regions").append(...regions.map((region) => make("option", { value: region.name })));
	if (flavors.length)
		for (const operation of operations)
			operation.offer(flavors);
}

function find(operations, text) {
	const words = text.trim().toLowerCase().split(/\s+/);
	let n = 0;
	for (const operation of operations) {
		operation.element.hidden = !words.every((word) => operation.words.includes(word));
		n += !operation.element.hidden;
	}
	for (const section of document.querySelectorAll("section"))
		section.hidden = !section.querySelector("details.operation:not([hidden])");
	document.getElementById("found").textContent = text.trim() ? n + " of " + operations.length : "";
}

/* "/" goes there, Enter opens the first that is found, Escape shows all. */
function listen(operations) {
	const input = document.getElementById("find");
	input.addEventListener("input", () => find(operations, input.value));
	input.addEventListener("keydown", (event) => {
		const first = operations.find((one) => !one.element.hidden);
		if (event.key === "Escape") {
			input.value = "";
			find(operations, "");
		} else if (event.key === "Enter" && first) {
			event.preventDefault();
			first.element.open = true;
			first.element.querySelector("summary").focus();
		}
	});
	document.addEventListener("keydown", (event) => {
		if (event.key === "/" && !/INPUT|TEXTAREA/.test(event.target.tagName)) {
			event.preventDefault();
			input.focus();
		}
	});
}

async function start() {
	const doc = await (await fetch("/openapi.json")).json();
	const operations = [];
	document.getElementById("version").textContent = doc.info.version;
	document.getElementById("summary").textContent = doc.info.summary;
	const main = document.getElementById("operations");
	main.replaceChildren();
	for (const tag of doc.tags) {
		const drawn = Object.entries(doc.paths).flatMap(([path, methods]) => Object.entries(methods)
			.filter(([, operation]) => operation.tags.includes(tag.name))
			.map(([method, operation]) => new Operation(doc, path, method, operation)));
		main.append(make("section", {}, make("h2", { textContent: tag.description }), ...drawn.map((one) => one.element)));
		operations.push(...drawn);
	}
	listen(operations);
	await offer(operations);
	const asked = operations.find((one) => "#" + one.operation.operationId === location.hash);
	if (asked) {
		asked.element.open = true;
		asked.element.scrollIntoView();
	}
	document.body.dataset.ready = "yes";
}

start().catch((error) => {
	document.getElementById("operations").textContent = "This page could not be drawn: " + error.message;
});
