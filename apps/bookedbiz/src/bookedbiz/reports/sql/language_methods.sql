-- In which words is each way told in which a language was found?
SELECT name, words FROM language_method
