/* Additions that pages do without: a print button, the letter size kept from one article to the next, the token of forms. */
(function () {
    "use strict";
    var KEY = "qunzhan-size";
    var sizes = document.querySelectorAll(".sizes input");
    if (!sizes.length) { return; }

    function stored() {
        try { return window.localStorage.getItem(KEY); } catch (error) { return null; }
    }
    sizes.forEach(function (input) {
        if (input.id === stored()) { input.checked = true; }
        input.addEventListener("change", function () {
            try { window.localStorage.setItem(KEY, input.id); } catch (error) { /* private window */ }
        });
    });

    var print = document.createElement("button");
    print.type = "button";
    print.className = "print";
    print.textContent = "打印";
    print.addEventListener("click", function () { window.print(); });
    document.querySelector(".sizes").appendChild(print);
}());

/* Pages are stored and hold no token; the first touch of a form fetches one. Whoever is quicker confirms on a page of its own. */
(function () {
    "use strict";
    document.addEventListener("focusin", function (event) {
        var form = event.target.form;
        var field = form && form.querySelector("input[data-form-token]");
        if (!field || field.value || field.dataset.asked) { return; }
        field.dataset.asked = "yes";
        window.fetch("/form-token/", { credentials: "same-origin", cache: "no-store" })
            .then(function (answer) { return answer.json(); })
            .then(function (found) { field.value = found.token; })
            .catch(function () { delete field.dataset.asked; });
    });
}());
