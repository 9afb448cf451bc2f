// The page of errors has the colours that were chosen in the console or in the reference.
document.documentElement.dataset["theme"] = localStorage.getItem("contacts.theme") ?? "system";
